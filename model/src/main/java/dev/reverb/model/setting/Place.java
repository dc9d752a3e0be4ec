package dev.reverb.model.setting;

/**
 * Where keys stand, so that a message can name them.
 *
 * @param owner what stands before the keys, such as {@code apps[0]}; empty at the top
 * @param file what messages call the file; empty when there is none
 */
public record Place(String owner, String file) {

    /** Keys at the top of something that is not a file. */
    public static final Place NONE = new Place("", "");

    /** How a message names {@code key} in line {@code line}; an empty key is the owner itself. */
    public String of(String key, int line) {
        String name = owner.isEmpty() ? key : key.isEmpty() ? owner : owner + "." + key;
        return file.isEmpty() ? name : name + " (" + file + ":" + line + ")";
    }
}
