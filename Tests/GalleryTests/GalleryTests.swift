import Foundation
import Gallery
import ImageDecoding
import Testing

/// The mean colour of each of 8×8 fields, 192 numbers in 0...255: what a picture looks like from across the street.
private func colorLayout(_ picture: Picture) -> [Float] {
    var sums = [Float](repeating: 0, count: 192)
    var counts = [Float](repeating: 0, count: 64)
    for y in 0..<picture.height {
        for x in 0..<picture.width {
            let field = y * 8 / picture.height * 8 + x * 8 / picture.width
            let at = (y * picture.width + x) * 3
            for channel in 0..<3 { sums[field * 3 + channel] += Float(picture.pixels[at + channel]) }
            counts[field] += 1
        }
    }
    return sums.indices.map { sums[$0] / counts[$0 / 3] }
}

private func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}

/// What the tests ask of one picture, kept instead of its pixels.
private struct Sample: Sendable {
    let family: String
    let index: Int
    let width: Int
    let height: Int
    let layout: [Float]
    let deviation: Float
    let bytes: Int

    init(_ drawn: GalleryPicture) {
        family = drawn.family
        index = drawn.index
        width = drawn.picture.width
        height = drawn.picture.height
        layout = colorLayout(drawn.picture)
        bytes = drawn.picture.pixels.count
        var sum: Float = 0
        var squares: Float = 0
        var count: Float = 0
        for at in stride(from: 0, to: drawn.picture.pixels.count, by: 7) {
            let value = Float(drawn.picture.pixels[at])
            sum += value
            squares += value * value
            count += 1
        }
        let mean = sum / count
        deviation = max(squares / count - mean * mean, 0).squareRoot()
    }
}

/// Drawn once for all tests: the first four of every family.
private let samples: [Sample] = Gallery(seed: 1).pictures(perFamily: 4).map(Sample.init)

struct GalleryTests {
    @Test func hasThirtyFamiliesAndThreeHundredPictures() {
        let names = Gallery.familyNames
        #expect(names.count >= 30)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(name) is to be a folder's name")
        }
        #expect(Gallery().pictures().count >= 300)
        #expect(Gallery().pictures(perFamily: 0).isEmpty)
    }

    @Test func namesFilesByFamilyIndexAndFormat() {
        let gallery = Gallery()
        #expect(gallery.picture(family: "clouds", index: 3).fileName == "clouds/clouds-03.jpg")
        #expect(gallery.picture(family: "clouds", index: 5).fileName == "clouds/clouds-05.png")
        let late = gallery.picture(family: "clouds", index: 134)
        #expect(late.fileName == "clouds/clouds-134.png" && late.format == .png)
        #expect(gallery.picture(family: "clouds", index: 12).format == .jpeg)
    }

    @Test func goesFamilyByFamily() {
        let order = samples.map { "\($0.family) \($0.index)" }
        #expect(order == Gallery.familyNames.flatMap { name in (0..<4).map { "\(name) \($0)" } })
    }

    @Test func sidesStayWithinBounds() {
        for sample in samples {
            #expect(Gallery.sideRange.contains(sample.width), "\(sample.family) \(sample.index)")
            #expect(Gallery.sideRange.contains(sample.height), "\(sample.family) \(sample.index)")
            #expect(sample.bytes == sample.width * sample.height * 3)
        }
        #expect(samples.contains { $0.width > $0.height } && samples.contains { $0.width < $0.height })
        #expect(samples.contains { $0.width == $0.height })
    }

    @Test func everyPictureShowsSomething() {
        for sample in samples {
            #expect(sample.deviation > 12, "\(sample.family) \(sample.index) is nearly blank")
        }
    }

    @Test func picturesOfAFamilyDiffer() {
        for name in Gallery.familyNames {
            let family = samples.filter { $0.family == name }
            for (a, b) in zip(family, family.dropFirst()) {
                #expect(distance(a.layout, b.layout) > 30, "\(name) \(a.index) and \(b.index) are alike")
            }
        }
    }

    @Test func sameSeedDrawsTheSameBytesInAnyOrder() {
        let gallery = Gallery(seed: 42)
        let names = Gallery.familyNames
        let forward = names.map { gallery.picture(family: $0, index: 1).picture }
        for number in names.indices.reversed() {
            let again = Gallery(seed: 42).picture(family: number, index: 1)
            #expect(again.family == names[number])
            #expect(again.picture == forward[number], "\(names[number]) differs when drawn again")
        }
        let listed = gallery.pictures(perFamily: 3)
        #expect(listed[3 * 2 + 1].picture == forward[2])
    }

    @Test func anotherSeedDrawsOtherPictures() {
        for (number, name) in Gallery.familyNames.enumerated() where number % 3 == 0 {
            let other = colorLayout(Gallery(seed: 2).picture(family: name, index: 0).picture)
            #expect(distance(other, samples[number * 4].layout) > 30, "\(name) does not heed the seed")
        }
    }

    /// Families must be told apart by the plainest of features, else a demonstration of search shows nothing: by colour
    /// layout alone the nearest other picture is of the same family for a clear majority.
    @Test func nearestNeighbourIsOfTheSameFamily() {
        var hits = 0
        var missed: [String: Int] = [:]
        for (i, sample) in samples.enumerated() {
            var best = Float.infinity
            var family = ""
            for (j, other) in samples.enumerated() where j != i {
                let d = distance(sample.layout, other.layout)
                if d < best {
                    best = d
                    family = other.family
                }
            }
            if family == sample.family { hits += 1 } else { missed[sample.family, default: 0] += 1 }
        }
        let share = Float(hits) / Float(samples.count)
        #expect(share > 0.7, "only \(hits) of \(samples.count); missed by family: \(missed)")
        print("nearest neighbour by colour layout is of the same family: \(hits) of \(samples.count); missed \(missed)")
    }
}
