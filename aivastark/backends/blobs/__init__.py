"""Where uploads are kept, byte for byte, until and after they are read."""
