"""How a question becomes an answer: rewritten, retrieved, composed, cited, judged."""
