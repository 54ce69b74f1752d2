import Foundation
import Storage
import TestSupport
import Testing

/// What `FaultyFileSystem` says that a loss of power takes, over the system's files and over memory.
@Suite struct PowerLossTests {
    private static let seeds: Range<UInt64> = 0..<200

    /// A file system that can lose power, and what is below it.
    private struct Device {
        let files: FaultyFileSystem
        let base: any FileSystem
        let root: String
        private let folder: TemporaryFolder?

        init(overMemory: Bool) throws {
            folder = overMemory ? nil : TemporaryFolder(inMemory: true)
            base = overMemory ? MemoryFileSystem() : POSIXFileSystem()
            root = folder?.path ?? "/root"
            if overMemory { try base.createDirectory(root) }
            files = FaultyFileSystem(base)
        }

        func callAsFunction(_ name: String) -> String { root + "/" + name }

        /// Makes a file that is durable but for its name.
        @discardableResult
        func make(_ name: String, _ bytes: [UInt8]) throws -> any StorageFile {
            let file = try files.open(self(name), .truncate)
            try file.write(bytes, at: 0)
            try file.sync()
            return file
        }

        /// All files below the root with their contents, empty folders with a slash.
        func everything(_ folder: String = "") throws -> [String: [UInt8]] {
            var found: [String: [UInt8]] = [:]
            for name in try base.list(root + folder) {
                let path = folder + "/" + name
                if try base.kind(of: root + path) == .directory {
                    let below = try everything(path)
                    found.merge(below.isEmpty ? [path + "/": []] : below) { one, _ in one }
                } else {
                    let file = try base.open(root + path, .read)
                    found[path] = try file.read(at: 0, count: Int(try file.size()))
                }
            }
            return found
        }
    }

    /// What may be found of a file: its size is between the two, and each sector is of one of them.
    private func isMixture(_ found: [UInt8], durable: [UInt8], latest: [UInt8]) -> Bool {
        let sizes = min(durable.count, latest.count)...max(durable.count, latest.count)
        guard sizes.contains(found.count) else { return false }
        func sector(_ start: Int, of bytes: [UInt8]) -> [UInt8] {
            let some = Array(bytes.dropFirst(start).prefix(min(512, found.count - start)))
            return some + [UInt8](repeating: 0, count: min(512, found.count - start) - some.count)
        }
        return stride(from: 0, to: found.count, by: 512).allSatisfy { start in
            let candidates = start < latest.count ? [durable, latest] : [durable]
            return candidates.contains { sector(start, of: $0) == sector(start, of: found) }
        }
    }

    // MARK: Contents

    /// Random writes, cuts and syncs; the file that is left is a mixture of the two that it may be made of, and the
    /// same whatever is below.
    @Test func everyFileIsMadeOfDurableAndLatestSectors() throws {
        var (keptAll, lostAll, reordered) = (0, 0, 0)
        for seed in Self.seeds {
            var found: [[UInt8]] = []
            for overMemory in [false, true] {
                let device = try Device(overMemory: overMemory)
                var random = SeededRandom(seed: seed)
                let file = try device.make("file", [UInt8](repeating: 1, count: 3000))
                try device.files.syncDirectory(device.root)
                var latest = [UInt8](repeating: 1, count: 3000)
                var durable = latest
                for value in 2..<UInt8(Int.random(in: 4..<20, using: &random)) {
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0:
                        try file.sync()
                        durable = latest
                    case 1:
                        let size = Int.random(in: 0..<6000, using: &random)
                        try file.truncate(to: UInt64(size))
                        latest = Array(latest.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - latest.count))
                    default:
                        let offset = Int.random(in: 0..<5000, using: &random)
                        let bytes = [UInt8](repeating: value, count: Int.random(in: 1..<2000, using: &random))
                        try file.write(bytes, at: UInt64(offset))
                        latest += [UInt8](repeating: 0, count: max(0, offset + bytes.count - latest.count))
                        latest.replaceSubrange(offset..<offset + bytes.count, with: bytes)
                    }
                }
                try device.files.losePower(.some(seed: seed))
                let left = try #require(try device.everything()["/file"])
                #expect(isMixture(left, durable: durable, latest: latest), "seed \(seed)")
                found.append(left)
                if durable != latest {
                    if left == latest { keptAll += 1 } else if left == durable { lostAll += 1 } else { reordered += 1 }
                }
            }
            #expect(found[0] == found[1], "seed \(seed)")
        }
        #expect(keptAll > 5 && lostAll > 5 && reordered > 50, "\(keptAll), \(lostAll), \(reordered)")
    }

    @Test(arguments: [false, true]) func whatIsSyncedSurvives(overMemory: Bool) throws {
        for seed in Self.seeds {
            let device = try Device(overMemory: overMemory)
            let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) }
            let log = try device.make("log", bytes)
            try log.write([1, 2, 3], at: 5000)
            try log.sync()
            try device.make("new", [7])
            try device.files.rename(device("new"), to: device("name"))
            try device.files.createDirectory(device("folder"))
            try device.files.syncDirectory(device.root)
            let all = try device.everything()
            // What is not synced is of other files and other folders.
            try device.files.open(device("folder/other"), .openOrCreate).write([5], at: 9)
            try device.files.losePower(.some(seed: seed))
            var left = try device.everything()
            left["/folder/other"] = nil
            if left["/folder/"] == nil { left["/folder/"] = [] }
            #expect(left == all && all["/log"] == bytes + [1, 2, 3] && all["/name"] == [7], "seed \(seed)")
            // And that is durable now: a second loss takes nothing.
            let before = try device.everything()
            try device.files.losePower()
            #expect(try device.everything() == before)
        }
    }

    /// A later write may be there where an earlier one is not, and a write may be there in parts.
    @Test func whatIsNotSyncedMayBeLostInParts() throws {
        var outcomes: Set<String> = []
        for seed in Self.seeds {
            let device = try Device(overMemory: true)
            let file = try device.make("file", [UInt8](repeating: 1, count: 1024))
            try device.files.syncDirectory(device.root)
            for (value, offset) in [(UInt8(2), UInt64(0)), (3, 512), (4, 1024), (5, 1536)] {
                try file.write([UInt8](repeating: value, count: 512), at: offset)
            }
            try device.files.losePower(.some(seed: seed))
            let left = try #require(try device.everything()["/file"])
            if left.count == 2048 {
                outcomes.insert(stride(from: 0, to: 2048, by: 512).map { "\(left[$0])" }.joined())
            }
            outcomes.insert("\(left.count < 1536)")
        }
        #expect(outcomes.isSuperset(of: ["2345", "1100", "1345", "2105", "2140", "true"]), "\(outcomes)")
    }

    /// The worst loss gives back what was overwritten and cut off.
    @Test(arguments: [false, true]) func theWorstLossLeavesTheLastSync(overMemory: Bool) throws {
        let device = try Device(overMemory: overMemory)
        let whole = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
        for name in ["written", "cut", "emptied", "grown"] { try device.make(name, whole) }
        try device.files.syncDirectory(device.root)
        func open(_ name: String, _ access: FileAccess = .readWrite) throws -> any StorageFile {
            try device.files.open(device(name), access)
        }
        try open("written").write([9, 9, 9, 9], at: 511)
        try open("cut").truncate(to: 700)
        try open("cut").write([9], at: 1400)
        try open("emptied", .truncate).write([9], at: 0)
        // Opening a file again makes nothing of it durable.
        try open("grown").write([9], at: 3000)
        try open("grown").write([9], at: 3001)
        try device.files.losePower()
        let left = try device.everything()
        for name in ["written", "cut", "emptied", "grown"] { #expect(left["/" + name] == whole, "\(name)") }
    }

    /// A write and a sync that fail leave as much behind as they should.
    @Test func aFailedSyncMakesNothingDurable() throws {
        let device = try Device(overMemory: true)
        let file = try device.make("file", [1, 1, 1, 1])
        try device.files.syncDirectory(device.root)
        try file.write([2], at: 0)
        device.files.set(.fail(operation: device.files.operations + 1))
        #expect(throws: StoreError.self) { try file.sync() }
        device.files.set(.shortWrite(operation: device.files.operations + 1))
        #expect(throws: StoreError.self) { try file.write([3, 3], at: 2) }
        #expect(try file.read(at: 0, count: 9) == [2, 1, 3, 1])
        try device.files.losePower()
        #expect(try device.everything() == ["/file": [1, 1, 1, 1]])
    }

    // MARK: Names

    /// Of the changes in a folder the first ones survive; everywhere else nothing is different. Removed and replaced
    /// files come back with what was in them.
    @Test(arguments: [false, true]) func theFirstChangesOfNamesSurvive(overMemory: Bool) throws {
        var outcomes: Set<Int> = []
        for seed in Self.seeds {
            let device = try Device(overMemory: overMemory)
            var random = SeededRandom(seed: seed)
            try device.make("a", [1])
            try device.files.syncDirectory(device.root)
            // Every state since the last sync of the folder.
            var states = [try device.everything()]
            for value in 2..<UInt8(14) {
                let names = try device.base.list(device.root).filter { $0.count == 1 }
                let new = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
                switch (Int.random(in: 0..<7, using: &random), names.randomElement(using: &random)) {
                case (0, _):
                    try device.files.syncDirectory(device.root)
                    states = []
                case (1...2, let name?): try device.files.remove(device(name))
                case (3...4, let name?): try device.files.rename(device(name), to: device(new))
                case (5, _):
                    let folder = device("folder")
                    if try device.base.kind(of: folder) == .absent {
                        try device.files.createDirectory(folder)
                    } else {
                        try device.files.removeDirectory(folder)
                    }
                default:
                    // What is written over is synced, too, so that only names are in question.
                    if try device.base.kind(of: device(new)) == .absent {
                        try device.make(new, [value, value])
                    }
                }
                states.append(try device.everything())
            }
            try device.files.losePower(.some(seed: seed))
            let left = try device.everything()
            let place = states.lastIndex(of: left)
            #expect(place != nil, "seed \(seed): \(left)")
            if let place { outcomes.insert(states.count - place) }
        }
        #expect(outcomes.count > 5, "\(outcomes)")
    }

    @Test func aFileIsGoneIfItsNameIs() throws {
        var found: [Bool: Int] = [:]
        for seed in Self.seeds {
            let device = try Device(overMemory: true)
            try device.make("file", [1, 2, 3])
            try device.files.losePower(.some(seed: seed))
            let left = try device.everything()
            #expect(left.isEmpty || left == ["/file": [1, 2, 3]])
            found[left.isEmpty, default: 0] += 1
            try device.files.losePower()
            #expect(try device.everything() == left, "what a loss leaves is durable")
        }
        #expect(found.values.allSatisfy { $0 > 20 } && found.count == 2, "\(found)")
    }

    /// A file that was removed while it was written to comes back with what it may have had then.
    @Test(arguments: [false, true]) func aRemovedFileComesBackAsAMixture(overMemory: Bool) throws {
        for seed in Self.seeds {
            let device = try Device(overMemory: overMemory)
            let durable = [UInt8](repeating: 1, count: 2000)
            let file = try device.make("file", durable)
            try device.files.syncDirectory(device.root)
            try file.write([UInt8](repeating: 2, count: 1500), at: 100)
            try device.files.remove(device("file"))
            try file.write([UInt8](repeating: 3, count: 700), at: 1900)
            let latest = try file.read(at: 0, count: 9999)
            if seed % 2 == 0 { try device.make("file", [4]) }
            try device.files.losePower(.some(seed: seed))
            if let left = try device.everything()["/file"], left != [4] {
                #expect(isMixture(left, durable: durable, latest: latest), "seed \(seed)")
            }
            let again = try Device(overMemory: overMemory)
            let other = try again.make("file", durable)
            try again.files.syncDirectory(again.root)
            try other.write([2], at: 0)
            try again.files.remove(again("file"))
            try again.files.losePower()
            #expect(try again.everything() == ["/file": durable])
        }
    }

    /// A new folder of an old name has nothing of what was in the old one.
    @Test func aFolderThatIsGoneForGoodTakesItsFilesAlong() throws {
        let device = try Device(overMemory: true)
        try device.files.createDirectory(device("folder"))
        try device.make("folder/file", [1])
        try device.files.syncDirectory(device("folder"))
        try device.files.syncDirectory(device.root)
        try device.files.remove(device("folder/file"))
        try device.files.removeDirectory(device("folder"))
        try device.files.createDirectory(device("folder"))
        try device.files.syncDirectory(device.root)
        try device.files.losePower()
        #expect(try device.everything() == ["/folder/": []])
    }

    @Test func aFolderWithoutItsNameIsGoneWithWhatIsInIt() throws {
        let device = try Device(overMemory: true)
        try device.files.createDirectory(device("folder"))
        try device.make("folder/file", [1])
        try device.files.syncDirectory(device("folder"))
        try device.files.losePower()
        #expect(try device.everything().isEmpty)
        // The other way round it comes back.
        try device.files.createDirectory(device("folder"))
        try device.make("folder/file", [1])
        try device.files.syncDirectory(device("folder"))
        try device.files.syncDirectory(device.root)
        try device.files.remove(device("folder/file"))
        try device.files.removeDirectory(device("folder"))
        try device.files.losePower()
        #expect(try device.everything() == ["/folder/file": [1]])
    }
}
