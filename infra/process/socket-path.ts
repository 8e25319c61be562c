/** Linux takes at most 107 bytes for the path of a unix socket, and some are made under a name one byte longer. */
export const SOCKET_PATH_MAX_BYTES = 106;
