"""What delivery does: granting, opening links, downloading, releasing files."""
