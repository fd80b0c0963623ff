"""What may be answered: read from the questionnaire, and said again by an oracle and by Copier."""
