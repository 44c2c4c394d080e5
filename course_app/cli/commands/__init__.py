"""The subcommands of `course`: one module per command."""
