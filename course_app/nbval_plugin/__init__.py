"""nbval taught about the course's notebooks: a pytest plugin, its collectors, and a strict run of all notebooks."""
