"""Threads of questions and answers, stored with their citations."""
