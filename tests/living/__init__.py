"""Projects that live on: features come and go, versions follow each other, and nothing of the user's is lost."""
