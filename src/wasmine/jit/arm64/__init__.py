"""Code for ARM64."""
