/// The version of the whole box; all processes come from one binary.
public enum Version {
  public static let current = "0.1.0"
}
