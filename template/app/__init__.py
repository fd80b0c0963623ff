"""The application. Start reading at `app/main.py`: its `SLICES` are the list of this project's defences."""
