extension Picture {
    /// This picture at another size, antialiased: a triangle filter whose support grows with the ratio when shrinking
    /// (what Pillow calls BILINEAR), bilinear when enlarging. The result is the same on every machine, to the bit.
    public func resized(width: Int, height: Int) -> Picture {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        return Resampler(from: (self.width, self.height), to: (width, height)).apply(to: self)
    }

    /// This picture with its longer side at most `side` pixels: the aspect is kept, nothing is enlarged, and no side
    /// falls below one pixel.
    public func fitted(within side: Int) -> Picture {
        precondition(side > 0, "a picture has at least one pixel")
        let longer = max(width, height)
        guard longer > side else { return self }
        func scaled(_ length: Int) -> Int { max(1, (length * side + longer / 2) / longer) }
        return resized(width: scaled(width), height: scaled(height))
    }
}
