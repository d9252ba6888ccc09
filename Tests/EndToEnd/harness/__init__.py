"""The real binary, real browsers, and the means to look at both."""
