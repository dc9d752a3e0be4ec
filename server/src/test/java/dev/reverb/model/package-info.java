/** Tests of the application model. */
package dev.reverb.model;
