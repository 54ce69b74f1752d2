import Storage

/// Collections come and go.
extension Store {
    /// The collection of that name, made if there is none. An empty one of another configuration, left over because it
    /// could not be cleared away, is replaced.
    func findOrMake(_ name: CollectionName, _ configuration: CollectionConfiguration) throws(StoreError) -> Collection {
        while true {
            guard let existing = table.withLock({ $0[name] }) else {
                if let made = try make(name, configuration) { return made }
                continue
            }
            if existing.configuration == configuration { return existing }
            if existing.count == 0 {
                _ = try drop(existing, onlyIfEmpty: true)
                continue
            }
            try existing.configuration.admit(configuration)
            return existing
        }
    }

    /// Makes a collection, or returns nil when somebody else just has.
    private func make(_ name: CollectionName, _ configuration: CollectionConfiguration) throws(StoreError)
        -> Collection?
    {
        try context.manifestLock.withLock { () throws(StoreError) -> Collection? in
            try context.checkWritable()
            if table.withLock({ $0[name] }) != nil { return nil }
            let entry = Manifest.Entry(number: context.manifest.nextNumber, name, configuration)
            do throws(StoreError) {
                let collection = try Collection.create(entry, configuration, in: context)
                try context.publish { manifest in
                    manifest.nextNumber += 1
                    manifest.entries.append(entry)
                }
                table.withLock { $0[name] = collection }
                return collection
            } catch {
                if context.currentHealth == .writable { context.removeFiles(ofCollection: entry.number) }
                throw error
            }
        }
    }

    /// Gives a collection another name; one that has that name already is removed, in the same step. Returns whether
    /// there was one to rename.
    public func renameCollection(_ name: CollectionName, to new: CollectionName) throws(StoreError) -> Bool {
        try context.checkWritable()
        try StoreLimits.check("the length of the collection's name", new.bytes.count, StoreLimits.collectionNameBytes)
        guard let collection = collection(name) else { return false }
        if name == new { return true }
        let replaced = try context.manifestLock.withLock { () throws(StoreError) -> Collection?? in
            let (current, replaced) = table.withLock { ($0[name], $0[new]) }
            guard current === collection else { return nil }
            try context.publish { manifest in
                manifest.entries.removeAll { $0.number == replaced?.uid }
                if let index = manifest.entries.firstIndex(where: { $0.number == collection.uid }) {
                    manifest.entries[index].name = new.bytes
                }
            }
            table.withLock { table in
                table[name] = nil
                table[new] = collection
            }
            collection.name = new
            return .some(replaced)
        }
        guard let replaced else { return false }
        if let replaced { retire(replaced) }
        return true
    }

    /// Ends changes to a collection that the manifest does not name any more, and removes its files.
    private func retire(_ collection: Collection) {
        collection.writer.withLock { collection.isDropped = true }
        context.removeFiles(ofCollection: collection.uid)
    }

    /// Takes a collection out of the store. Returns false when it was gone already, or is not empty but has to be.
    func drop(_ collection: Collection, onlyIfEmpty: Bool) throws(StoreError) -> Bool {
        try collection.writer.withLock { () throws(StoreError) -> Bool in
            if collection.isDropped || (onlyIfEmpty && collection.elements.count > 0) { return false }
            try context.manifestLock.withLock { () throws(StoreError) in
                try context.checkWritable()
                try context.publish { manifest in manifest.entries.removeAll { $0.number == collection.uid } }
                table.withLock { $0[collection.name] = nil }
            }
            collection.isDropped = true
            context.removeFiles(ofCollection: collection.uid)
            return true
        }
    }
}

extension StoreContext {
    /// Removes the files of a collection that the manifest does not name. What cannot be removed stays until the store
    /// is opened again; files of names that we do not give stay for good, and with them their folder.
    func removeFiles(ofCollection number: UInt64) {
        let folder = collectionFolder(number)
        guard let names = try? fileSystem.list(folder) else { return }
        for name in names where CollectionFiles.isOurs(name) { try? fileSystem.remove(folder + "/" + name) }
        try? fileSystem.removeDirectory(folder)
    }
}
