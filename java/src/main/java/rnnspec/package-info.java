/** Reads, checks and runs rnnspec files. */
package rnnspec;
