import HNSW
import Storage

/// What is known of an element besides its vector.
struct Element: Equatable {
    var name: ElementName
    var attributes: [UInt8]?
    var thumbnail: BlobReference?
}

/// A row of a snapshot: where an element's text is.
///
///     0   UInt64  bits 0...47 offset in texts; 61 thumbnail, 62 attributes, 63 element: whether there is one
///     8   UInt32  bytes of the name
///     12  UInt32  bytes of the attributes
///
/// The text: name, attributes, reference to the thumbnail, as far as there are.
struct ElementRow: Equatable {
    static let size = 16
    /// Offsets that there is room for.
    static let offsetLimit: UInt64 = 1 << 48
    static let referenceSize = 24
    private static let thumbnailBit: UInt64 = 1 << 61
    private static let attributesBit: UInt64 = 1 << 62
    private static let elementBit: UInt64 = 1 << 63

    var offset: UInt64
    var nameLength: Int
    /// Nil if there are none.
    var attributesLength: Int?
    var hasThumbnail: Bool

    init(_ element: Element, offset: UInt64) {
        self.offset = offset
        nameLength = element.name.bytes.count
        attributesLength = element.attributes?.count
        hasThumbnail = element.thumbnail != nil
    }

    /// Reads a row; nil if it has no element.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard word & Self.elementBit != 0 else { return nil }
        offset = word & (Self.offsetLimit - 1)
        nameLength = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        let attributes = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
        attributesLength = word & Self.attributesBit != 0 ? attributes : nil
        hasThumbnail = word & Self.thumbnailBit != 0
    }

    /// Bytes of the text.
    var textLength: Int { nameLength + (attributesLength ?? 0) + (hasThumbnail ? Self.referenceSize : 0) }

    func put(into writer: inout ByteWriter) {
        var word = offset | Self.elementBit
        if attributesLength != nil { word |= Self.attributesBit }
        if hasThumbnail { word |= Self.thumbnailBit }
        writer.put(word)
        writer.put(UInt32(nameLength))
        writer.put(UInt32(attributesLength ?? 0))
    }
}

/// The elements of a snapshot, used where they lie in the mapped file: rows by node number, texts, and a hash table
/// from names to rows. Nothing of them is held in memory; blocks are checked when they are touched, and damage is noted
/// with the snapshot, whoever asked having got nothing.
///
/// Thread-safety: constant. Any number of threads may look.
final class MappedElements: Sendable {
    private let snapshot: SnapshotReader
    private let rows: MappedSection
    private let texts: MappedSection
    private let names: MappedSection
    private let key: SipHash.Key
    /// Bytes of a place in the table of names.
    static let placeSize = 8

    /// How many rows there are.
    let rowCount: Int

    init(_ snapshot: SnapshotReader, rows rowCount: UInt64, key: SipHash.Key) throws(StoreError) {
        self.snapshot = snapshot
        rows = try snapshot.section(SnapshotSection.rows)
        texts = try snapshot.section(SnapshotSection.texts)
        names = try snapshot.section(SnapshotSection.names)
        guard rowCount <= UInt64(NodeID.limit), UInt64(rows.bytes.count) == rowCount * UInt64(ElementRow.size),
            names.bytes.count % Self.placeSize == 0
        else {
            throw .corrupt(file: snapshot.path, offset: rows.offset, what: "its rows are not \(rowCount)")
        }
        self.rowCount = Int(rowCount)
        self.key = key
    }

    private func noteDamage(row: Int, _ what: String) {
        let offset = rows.offset + UInt64(row * ElementRow.size)
        snapshot.note(.corrupt(file: snapshot.path, offset: offset, what: "it contradicts itself: \(what)"))
    }

    /// A row, or nil if it has no element.
    func row(_ index: Int) -> ElementRow? {
        guard index < rowCount else { return nil }
        return rows.checkedBytes(index * ElementRow.size..<(index + 1) * ElementRow.size).flatMap { ElementRow($0) }
    }

    /// Some bytes of a row's text.
    private func text(_ index: Int, _ row: ElementRow, _ range: Range<Int>) -> UnsafeRawBufferPointer? {
        let start = Int(row.offset)
        if let bytes = texts.checkedBytes(start + range.lowerBound..<start + range.upperBound) { return bytes }
        noteDamage(row: index, "row \(index) leads out of the texts")
        return nil
    }

    /// The name of the element in a row, or nil if there is none.
    func name(_ index: Int) -> ElementName? {
        guard let row = row(index), let bytes = text(index, row, 0..<row.nameLength) else { return nil }
        return ElementName(bytes: [UInt8](bytes))
    }

    /// The attributes of the element in a row, or nil if there are none.
    func attributes(_ index: Int) -> [UInt8]? {
        guard let row = row(index), let length = row.attributesLength else { return nil }
        return text(index, row, row.nameLength..<row.nameLength + length).map { [UInt8]($0) }
    }

    /// The element in a row, or nil if there is none.
    func element(_ index: Int) -> Element? {
        guard let row = row(index), let bytes = text(index, row, 0..<row.textLength) else { return nil }
        var element = Element(name: ElementName(bytes: [UInt8](bytes.prefix(row.nameLength))))
        if let length = row.attributesLength {
            element.attributes = [UInt8](bytes[row.nameLength..<row.nameLength + length])
        }
        if row.hasThumbnail {
            var reader = ByteReader(
                UnsafeRawBufferPointer(rebasing: bytes[(row.textLength - ElementRow.referenceSize)...]),
                file: snapshot.path, at: texts.offset)
            element.thumbnail = try? BlobReference(from: &reader)
        }
        return element
    }

    /// What a damaged snapshot still has in a row.
    enum Salvaged {
        case nothing
        /// All of it.
        case element(Element)
        /// There was an element; its name, if that is whole.
        case lost(ElementName?)
    }

    /// The element in a row, if everything that belongs to it is as it was written.
    func salvage(_ index: Int) -> Salvaged {
        let place = index * ElementRow.size..<(index + 1) * ElementRow.size
        guard rows.isIntact(place) else { return .lost(nil) }
        guard let row = row(index) else { return .nothing }
        let start = Int(row.offset)
        guard texts.isIntact(start..<start + row.nameLength) else { return .lost(nil) }
        guard texts.isIntact(start..<start + row.textLength), let element = element(index) else {
            return .lost(name(index))
        }
        return .element(element)
    }

    /// The row of the element of that name, or nil if there is none.
    func row(of name: ElementName) -> Int? {
        let places = names.bytes.count / Self.placeSize
        guard places > 0 else { return nil }
        let hash = SipHash.hash(name.bytes, key: key)
        var place = Self.firstPlace(of: hash, places: places)
        for _ in 0..<places {
            guard let bytes = names.checkedBytes(place * Self.placeSize..<(place + 1) * Self.placeSize) else {
                return nil
            }
            let row = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
            if row == 0 { return nil }
            let fragment = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            if fragment == UInt32(truncatingIfNeeded: hash) {
                if Int(row) > rowCount {
                    noteDamage(row: 0, "a name leads to no row")
                    return nil
                }
                if self.name(Int(row) - 1) == name { return Int(row) - 1 }
            }
            place = place + 1 == places ? 0 : place + 1
        }
        return nil
    }

    static func firstPlace(of hash: UInt64, places: Int) -> Int {
        Int((hash >> 32).multipliedFullWidth(by: UInt64(places)).low >> 32)
    }

    /// The table of names for rows and their names; as many places as leave a quarter empty.
    struct NameTable {
        private(set) var places: [UInt64]
        private let key: SipHash.Key

        init(count: Int, key: SipHash.Key) {
            places = [UInt64](repeating: 0, count: count == 0 ? 0 : (count * 4 + 2) / 3 + 1)
            self.key = key
        }

        mutating func insert(_ name: ElementName, row: Int) {
            let hash = SipHash.hash(name.bytes, key: key)
            var place = MappedElements.firstPlace(of: hash, places: places.count)
            while places[place] != 0 { place = place + 1 == places.count ? 0 : place + 1 }
            places[place] = UInt64(row + 1) | (hash & 0xffff_ffff) << 32
        }
    }

    /// Checks every block.
    func checkAll() {
        for section in [rows, texts, names] { _ = section.checkedBytes(0..<section.bytes.count) }
    }

    /// Looks whether rows and names say the same: O(elements). What is wrong, or nil.
    func contradiction(elements: Int) -> String? {
        var found = 0
        for index in 0..<rowCount {
            guard let element = element(index) else { continue }
            found += 1
            if row(of: element.name) != index { return "the name of row \(index) does not lead to it" }
        }
        guard let places = names.checkedBytes(0..<names.bytes.count) else { return nil }
        let taken = (0..<places.count / Self.placeSize).count { place in
            places.loadUnaligned(fromByteOffset: place * Self.placeSize, as: UInt32.self) != 0
        }
        if found != elements || taken != found { return "\(found) elements and \(taken) names instead of \(elements)" }
        return nil
    }
}
