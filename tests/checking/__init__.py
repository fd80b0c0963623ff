"""`bastion check`: what it finds, what it leaves alone, and what cannot harm it."""
