"""A whole install or one project as one archive, out of one database and into another."""
