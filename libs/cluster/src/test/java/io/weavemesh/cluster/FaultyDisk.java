package io.weavemesh.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A disk that can be full, and that remembers every write and sync, so that the file can be seen as it would be after the
 * power failed at any moment: what was synced is there; of what was not, any part may be, down to single sectors.
 */
public final class FaultyDisk extends FilePathWrapper {

    /** To be given to {@link MvStore#open(Path, String)}. */
    static final String FILE_SYSTEM = "faulty:nio";

    private static final int SECTOR = 512;

    private static volatile boolean full;
    private static final List<Operation> OPERATIONS = new ArrayList<>();
    private static volatile byte[] start = {};

    private sealed interface Operation {}

    @SuppressWarnings("ArrayRecordComponent") // Nobody compares writes or changes their bytes.
    private record Write(long position, byte[] bytes) implements Operation {}

    private record Truncate(long size) implements Operation {}

    private record Sync() implements Operation {}

    static void insert() {
        full = false;
        FilePath.register(new FaultyDisk());
    }

    static void full(boolean now) {
        full = now;
    }

    /** How much has happened so far. */
    static int moment() {
        synchronized (OPERATIONS) {
            return OPERATIONS.size();
        }
    }

    /** The file after a power failure at that moment. */
    static byte[] after(int moment, Random random) {
        List<Operation> done;
        synchronized (OPERATIONS) {
            done = List.copyOf(OPERATIONS.subList(0, moment));
        }
        int synced = done.lastIndexOf(new Sync());
        Image image = new Image(start);
        for (int i = 0; i < done.size(); i++) {
            boolean safe = i < synced;
            switch (done.get(i)) {
                case Write write when safe -> image.write(write.position(), write.bytes(), 0, write.bytes().length);
                case Write write -> image.tear(write, random);
                case Truncate truncate when safe || random.nextBoolean() -> image.truncate(truncate.size());
                case Truncate truncate -> {}
                case Sync sync -> {}
            }
        }
        return Arrays.copyOf(image.bytes, image.size);
    }

    /** A file in the making. */
    private static final class Image {
        private byte[] bytes;
        private int size;

        Image(byte[] bytes) {
            this.bytes = bytes.clone();
            this.size = bytes.length;
        }

        void write(long position, byte[] source, int from, int to) {
            int end = (int) position + to;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            System.arraycopy(source, from, bytes, (int) position + from, to - from);
            size = Math.max(size, end);
        }

        void tear(Write write, Random random) {
            boolean all = random.nextInt(3) == 0;
            for (int from = 0; from < write.bytes().length; from += SECTOR) {
                if (all || random.nextBoolean()) {
                    write(write.position(), write.bytes(), from, Math.min(write.bytes().length, from + SECTOR));
                }
            }
        }

        void truncate(long to) {
            if (to < size) {
                Arrays.fill(bytes, (int) to, size, (byte) 0);
                size = (int) to;
            }
        }
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel real = super.open(mode);
        Path path = Path.of(getBase().toString().replaceFirst("^nio:", ""));
        if (path.toString().endsWith(".new")) {
            return real;
        }
        synchronized (OPERATIONS) {
            OPERATIONS.clear();
            start = Files.readAllBytes(path);
        }
        return new Recorder(real);
    }

    /** Passes everything on, and notes it. */
    private static final class Recorder extends FileBaseDefault {
        private final FileChannel real;

        Recorder(FileChannel real) {
            this.real = real;
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return real.read(target, position);
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
            byte[] bytes = new byte[source.remaining()];
            source.duplicate().get(bytes);
            note(new Write(position, bytes));
            return real.write(source, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            real.force(metadata);
            note(new Sync());
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            note(new Truncate(size));
            real.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        private static void note(Operation operation) {
            synchronized (OPERATIONS) {
                OPERATIONS.add(operation);
            }
        }
    }
}
