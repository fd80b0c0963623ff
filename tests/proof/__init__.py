"""The proof, proven: what it promises to catch is planted, and it has to say so."""
