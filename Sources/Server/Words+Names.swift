import VectorCollections

extension Words {
    /// The word at `index` as the name of a collection.
    func collection(_ index: Int) -> CollectionName { CollectionName(bytes: bytes(index)) }

    /// The word at `index` as the name of an element.
    func element(_ index: Int) -> ElementName { ElementName(bytes: bytes(index)) }
}
