"""What `psolink` does on the command line, one file for each command."""
