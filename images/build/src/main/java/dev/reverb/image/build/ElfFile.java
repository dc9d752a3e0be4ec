package dev.reverb.image.build;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a program or shared library says of itself: who can run it and which libraries it is linked with. For another
 * architecture this is all there is to ask, {@code ldd} cannot run there. Only 64-bit little-endian files, as all our
 * architectures are; layout as in the System V ABI, chapters 4 and 5.
 *
 * @param machine {@code e_machine}, compared with {@link Architecture#elfMachine}
 * @param needed names of libraries, such as {@code libc.so.6}, in the order of the file
 */
record ElfFile(int machine, List<String> needed) {

    private static final int MAGIC = 0x7f454c46;
    private static final int HEADER_BYTES = 64;
    private static final int CLASS_64_LITTLE_ENDIAN = 0x0201;
    private static final int PROGRAM_LOAD = 1;
    private static final int PROGRAM_DYNAMIC = 2;
    private static final int DYNAMIC_NEEDED = 1;
    private static final int DYNAMIC_STRING_TABLE = 5;

    ElfFile {
        needed = List.copyOf(needed);
    }

    /**
     * Reads a file.
     *
     * @return empty when it is not an ELF file
     * @throws IOException when it is one but broken, or cannot be read; names the file
     */
    static Optional<ElfFile> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < HEADER_BYTES) {
                return Optional.empty();
            }
            ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            if (content.getInt(0) != MAGIC) {
                return Optional.empty();
            }
            if (content.getShort(4) != CLASS_64_LITTLE_ENDIAN) {
                throw new IOException(file + " is not a 64-bit little-endian program");
            }
            content.order(ByteOrder.LITTLE_ENDIAN);
            return Optional.of(new ElfFile(content.getShort(18), dynamic(content)));
        } catch (IndexOutOfBoundsException e) {
            throw new IOException(file + " ends before its tables do", e);
        }
    }

    private static List<String> dynamic(ByteBuffer content) {
        List<long[]> loads = new ArrayList<>();
        int dynamic = -1;
        int entry = (int) content.getLong(32);
        for (int left = content.getShort(56); left > 0; left--, entry += content.getShort(54)) {
            switch (content.getInt(entry)) {
                case PROGRAM_LOAD -> loads.add(new long[]{content.getLong(entry + 8), content.getLong(entry + 16),
                        content.getLong(entry + 32)});
                case PROGRAM_DYNAMIC -> dynamic = (int) content.getLong(entry + 8);
                default -> {
                    // notes, stack flags and the like
                }
            }
        }
        List<Long> names = new ArrayList<>();
        long strings = 0;
        for (int at = dynamic; dynamic >= 0 && content.getLong(at) != 0; at += 16) {
            if (content.getLong(at) == DYNAMIC_NEEDED) {
                names.add(content.getLong(at + 8));
            } else if (content.getLong(at) == DYNAMIC_STRING_TABLE) {
                strings = content.getLong(at + 8);
            }
        }
        List<String> needed = new ArrayList<>();
        for (long name : names) {
            needed.add(string(content, offset(loads, strings) + (int) name));
        }
        return needed;
    }

    /** Where in the file an address of the running program lies. */
    private static int offset(List<long[]> loads, long address) {
        for (long[] load : loads) {
            if (address >= load[1] && address < load[1] + load[2]) {
                return (int) (address - load[1] + load[0]);
            }
        }
        throw new IndexOutOfBoundsException("address " + address + " is in no segment");
    }

    private static String string(ByteBuffer content, int start) {
        int end = start;
        while (content.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        content.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
