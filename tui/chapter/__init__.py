"""What will be uploaded: sources, pages, images, order, findings, details. No network, no UI."""
