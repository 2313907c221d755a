/* Debian's build makes this header; it names a directory for modules in C, which these builds lack. */
#define DEB_HOST_MULTIARCH "none"
