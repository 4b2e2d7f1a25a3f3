"""Google Drive as an API: tokens, service accounts, consent, files and changes, all through the one door."""
