print("fieldbox")
