import ImageDecoding
import Indexing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Pictures of which somebody has said what they show, in sets that are rated one by one.
public struct LabelledImages: Sendable, Equatable {
    /// A picture and what it counts as.
    public struct Image: Sendable, Equatable {
        /// Where the file is.
        public var path: [UInt8]
        /// What it shows.
        public var label: [UInt8]
        /// What it shows, more narrowly: the same object, the same scene. Empty when nobody has said so.
        public var group: [UInt8]

        /// A picture of that label.
        public init(path: [UInt8], label: [UInt8], group: [UInt8] = []) {
            self.path = path
            self.label = label
            self.group = group
        }

        /// Whether `other` is what a search for this picture is to find: of the same group where this one has a group,
        /// else of the same label.
        public func matches(_ other: Image) -> Bool {
            group.isEmpty ? label == other.label : group == other.group
        }
    }

    /// Pictures that are searched among each other.
    public struct Set: Sendable, Equatable {
        /// Its name.
        public var name: [UInt8]
        /// Its pictures.
        public var images: [Image]

        /// A set of pictures.
        public init(name: [UInt8], images: [Image]) {
            self.name = name
            self.images = images
        }
    }

    /// The sets, in the order in which they come.
    public var sets: [Set]
    /// Files that have no label: those that lie in the folder itself.
    public var withoutLabel = 0

    /// Longest CSV file, in bytes.
    private static let fileLimit = 1 << 30

    /// Reads a CSV file or walks a folder, whichever `path` is.
    ///
    /// In a folder the label of a file is the folder that it lies in, with those above it below `path`; all of them are
    /// one set, named by the folder. In a CSV file the first line names the columns: `file` and `label`, and perhaps
    /// `set` and `group`, in any order, others passed over; paths are relative to the CSV file's folder.
    public init(_ path: [UInt8]) throws(LabelError) {
        let name = String(decoding: path, as: UTF8.self)
        guard let absolute = Self.resolved(path) else {
            throw LabelError(
                "cannot read \(name) (\(String(cString: strerror(errno)))): give a folder of folders, or a CSV file")
        }
        var facts = stat()
        let found = (absolute + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { stat($0, &facts) } ?? -1
            }
        }
        if found == 0, facts.st_mode & S_IFMT == S_IFDIR {
            try self.init(folder: absolute)
        } else {
            try self.init(file: path, absolute: absolute)
        }
        guard !sets.isEmpty else {
            throw LabelError(
                "no labelled pictures in \(name): give a folder that holds LABEL/FILE.jpg, or a CSV file with columns "
                    + "file,set,label,group")
        }
    }

    private static func resolved(_ path: [UInt8]) -> [UInt8]? {
        (path + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard let base = text.baseAddress, let real = realpath(base, nil) else { return nil }
                defer { free(real) }
                return [UInt8](UnsafeRawBufferPointer(start: real, count: strlen(real)))
            }
        }
    }

    // MARK: Folders

    private init(folder: [UInt8]) throws(LabelError) {
        let slash = UInt8(ascii: "/")
        let gathering: Gathering
        do throws(WalkError) { gathering = try Gathering([folder]) } catch { throw LabelError(error.description) }
        var images: [Image] = []
        for file in gathering.files {
            guard let end = file.name.lastIndex(of: slash) else {
                withoutLabel += 1
                continue
            }
            images.append(Image(path: file.path, label: Array(file.name[..<end])))
        }
        let name = folder.lastIndex(of: slash).map { Array(folder[($0 + 1)...]) } ?? folder
        sets = images.isEmpty ? [] : [Set(name: name, images: images)]
    }

    // MARK: CSV

    private init(file: [UInt8], absolute: [UInt8]) throws(LabelError) {
        let name = String(decoding: file, as: UTF8.self)
        let bytes: [UInt8]
        switch FileContents.read(absolute, atMost: Self.fileLimit) {
        case .success(let contents): bytes = contents
        case .failure(let fault): throw LabelError("\(name): \(fault): give a folder of folders, or a CSV file")
        }
        let slash = UInt8(ascii: "/")
        let folder = absolute.lastIndex(of: slash).map { Array(absolute[...$0]) } ?? []
        let stem = absolute.lastIndex(of: slash).map { Array(absolute[($0 + 1)...]) } ?? absolute
        do throws(LabelError) {
            try self.init(csv: bytes, folder: folder, name: stem)
        } catch {
            throw LabelError("\(name): \(error)")
        }
    }

    /// The sets of a CSV file's contents; `name` is that of pictures without a set.
    package init(csv bytes: [UInt8], folder: [UInt8], name: [UInt8]) throws(LabelError) {
        let rows = try CSVReader.rows(of: bytes)
        guard let header = rows.first else { throw LabelError("it is empty: the first line is file,set,label,group") }
        func column(_ title: String) throws(LabelError) -> Int? {
            let found = header.fields.indices.filter { header.fields[$0] == [UInt8](title.utf8) }
            if found.count > 1 { throw LabelError("two columns are named \(title): name each once") }
            return found.first
        }
        guard let file = try column("file"), let label = try column("label") else {
            throw LabelError("its first line names no columns file and label: begin it with file,set,label,group")
        }
        let (set, group) = (try column("set"), try column("group"))
        sets = []
        var places: [[UInt8]: Int] = [:]
        for row in rows.dropFirst() {
            guard row.fields.count == header.fields.count else {
                throw LabelError(
                    "line \(row.line) has \(row.fields.count) fields, the first line \(header.fields.count): give as many"
                )
            }
            let path = row.fields[file]
            if path.isEmpty { throw LabelError("line \(row.line) names no file: fill the column, or remove the line") }
            if row.fields[label].isEmpty, group.map({ row.fields[$0].isEmpty }) ?? true {
                throw LabelError("line \(row.line) has neither label nor group: fill one, or remove the line")
            }
            let image = Image(
                path: path.first == UInt8(ascii: "/") ? path : folder + path, label: row.fields[label],
                group: group.map { row.fields[$0] } ?? [])
            var key = set.map { row.fields[$0] } ?? name
            if key.isEmpty { key = name }
            if let place = places[key] {
                sets[place].images.append(image)
            } else {
                places[key] = sets.count
                sets.append(Set(name: key, images: [image]))
            }
        }
    }
}
