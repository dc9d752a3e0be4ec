package dev.reverb.image.boot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a class path contains, in one word: a checksum over the jars' bytes in their order, and their total size.
 *
 * <p>Of the jars that an ahead-of-time cache was made from, the JVM (25) checks the time at most, which is one for all
 * files of all images, and runs the classes of the cache whatever the jars hold by now. So the key is computed once
 * when the cache is trained and again at every start. It guards against accidents, not against an attacker, who could
 * replace the cache as well; a checksum that the processor computes costs a few milliseconds for 20 MB.
 */
public final class ClassPathKey {

    private ClassPathKey() {}

    /**
     * Reads every jar once.
     *
     * @param jars files in class path order; names do not matter, content and order do
     * @throws IOException when one cannot be read
     */
    public static String of(List<Path> jars) throws IOException {
        CRC32C checksum = new CRC32C();
        long total = 0;
        for (Path jar : jars) {
            try (FileChannel channel = FileChannel.open(jar, StandardOpenOption.READ)) {
                long size = Files.size(jar);
                checksum.update(channel.map(FileChannel.MapMode.READ_ONLY, 0, size));
                total += size;
            }
        }
        return "%08x-%x".formatted(checksum.getValue(), total);
    }
}
