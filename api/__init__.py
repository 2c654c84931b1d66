"""What people and programs reach the engine through: the command line, files in and out, the training republic."""
