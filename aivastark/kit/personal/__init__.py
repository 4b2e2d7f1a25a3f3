"""Finding personal values in free text: e-mail addresses, telephone and card numbers, IBANs, IP addresses."""
