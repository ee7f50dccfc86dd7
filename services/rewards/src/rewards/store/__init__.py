"""What rewards keeps."""
