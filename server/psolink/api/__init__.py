"""HTTP: requests become plain values, results become responses. Flask is used only here."""
