/**
 * The parts that catalogues of settings are made of: a setting with its names, type and default, what was given for
 * it and where, and what is wrong with that. Pure; no null is taken or returned.
 */
package dev.reverb.model.setting;
