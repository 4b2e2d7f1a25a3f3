"""GitHub as an API: commits, trees, blobs and archives of repositories, all through the one door."""
