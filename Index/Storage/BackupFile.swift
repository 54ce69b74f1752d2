/// A backup: the files of a store one after the other in one file, every byte of it under a checksum.
///
///     0   8 bytes  "LOOKBAK\n"
///     8   UInt32   version
///     12  UInt32   0x01020304, so that a file of swapped bytes is told from damage
///     16  UInt32   salt   a random number, mixed into all checksums below
///     20  UInt32   zero
///     24  UInt32   CRC-32C of the 24 bytes before
///     28  the files; each:
///             UInt32       0x454C4946
///             UInt32       its number, from 0 in the order of the files
///             UInt64       length of its contents
///             byte string  its path in the store
///             UInt32       CRC-32C of: salt UInt32, all of this header before
///             the contents in blocks of 1 MiB, the last one shorter; after each block
///             UInt32       CRC-32C of: salt UInt32, number of the file UInt32, number of the block UInt64, the block
///         the trailer, to the end of the backup:
///             UInt32  0x4C494154
///             UInt32  number of files
///             UInt64  sum of the lengths of their contents
///             UInt64  size of the backup, trailer included
///             UInt32  CRC-32C of: salt UInt32, the 24 bytes before
///
/// The salt and the numbers bind every part to its backup and its place: a block that was written elsewhere, by a
/// device that confuses sectors or a program that patches files together, is not taken for the one that belongs there.
/// The trailer is read first, so that a backup that was cut off is refused before anything is restored.
///
/// Neither writing nor reading takes memory for more than a block, whatever the lengths say: they are compared with
/// what is left of the file before they are believed.
package enum BackupFile {
    /// The version that this program writes, and the highest that it reads.
    package static let version: UInt32 = 1
    static let magic = Array("LOOKBAK\n".utf8)
    static let byteOrder: UInt32 = 0x0102_0304
    static let fileMark: UInt32 = 0x454C_4946
    static let trailerMark: UInt32 = 0x4C49_4154
    static let headerSize = 28
    /// Of a file's header, up to its path.
    static let fileHeaderSize = 20
    static let trailerSize = 28
    static let blockSize = 1 << 20
    static let pathLimit = 128

    /// What is known of a file before its contents are read.
    package struct Entry: Equatable, Sendable {
        /// Its path in the store.
        package var path: String
        /// Bytes of its contents.
        package var length: UInt64
        /// Where in the backup it begins.
        package var offset: UInt64
    }

    /// The checksum of bytes of the backup with this salt.
    static func checksum(_ bytes: [UInt8], salt: UInt32) -> UInt32 {
        Checksum.crc32c(bytes, continuing: withUnsafeBytes(of: salt.littleEndian) { Checksum.crc32c($0) })
    }

    /// The checksum of a block, with what binds it to its place.
    static func checksum(_ block: UnsafeRawBufferPointer, file: UInt32, block number: UInt64, salt: UInt32) -> UInt32 {
        var place = ByteWriter(reserving: 16)
        place.put(salt)
        place.put(file)
        place.put(number)
        return Checksum.crc32c(block, continuing: Checksum.crc32c(place.bytes))
    }
}
