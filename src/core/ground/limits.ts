/** The longest id of a derived group, in bytes: file systems take names of 255. */
export const MAX_FILE_NAME = 200;
