/**
 * One application: its values, the catalogue of its settings, and the rules of what is allowed. The server reads its
 * file with them, and the operator asks them before it writes that file. Pure: values in, values out; any thread. No
 * null is taken or returned.
 */
package dev.reverb.model;
