//! Digits of pi by Gibbons's spigot over integers of any size.
//!
//!     digits COUNT [FILE]    into FILE below the first preopened directory, or to standard output

const std = @import("std");
const Managed = std.math.big.int.Managed;

/// The linear fractional transformation (q*x + r) / (0*x + t) of "Unbounded Spigot Algorithms for the
/// Digits of Pi", with what its steps need.
const Spigot = struct {
    q: Managed,
    r: Managed,
    t: Managed,
    k: u64 = 1,
    scratch: Managed,
    quotient: Managed,
    remainder: Managed,

    fn init(allocator: std.mem.Allocator) !Spigot {
        return .{
            .q = try Managed.initSet(allocator, 1),
            .r = try Managed.initSet(allocator, 0),
            .t = try Managed.initSet(allocator, 1),
            .scratch = try Managed.init(allocator),
            .quotient = try Managed.init(allocator),
            .remainder = try Managed.init(allocator),
        };
    }

    fn deinit(self: *Spigot) void {
        inline for (.{ "q", "r", "t", "scratch", "quotient", "remainder" }) |name| {
            @field(self, name).deinit();
        }
    }

    fn multiply(self: *Spigot, number: *Managed, factor: u64) !void {
        try self.scratch.set(factor);
        var product = try Managed.init(number.allocator);
        try product.mul(number, &self.scratch);
        number.deinit();
        number.* = product;
    }

    /// floor((q*x + r) / t)
    fn extract(self: *Spigot, x: u64) !u8 {
        var numerator = try self.q.clone();
        defer numerator.deinit();
        try self.multiply(&numerator, x);
        try numerator.add(&numerator, &self.r);
        try self.quotient.divFloor(&self.remainder, &numerator, &self.t);
        return @intCast(try self.quotient.toInt(u64));
    }

    fn consume(self: *Spigot) !void {
        const odd = 2 * self.k + 1;
        var doubled = try self.q.clone();
        defer doubled.deinit();
        try self.multiply(&doubled, 2);
        try self.r.add(&self.r, &doubled);
        try self.multiply(&self.r, odd);
        try self.multiply(&self.q, self.k);
        try self.multiply(&self.t, odd);
        self.k += 1;
    }

    fn produce(self: *Spigot, digit: u8) !void {
        var whole = try self.t.clone();
        defer whole.deinit();
        try self.multiply(&whole, digit);
        try self.r.sub(&self.r, &whole);
        try self.multiply(&self.r, 10);
        try self.multiply(&self.q, 10);
    }

    fn next(self: *Spigot) !u8 {
        while (true) {
            const digit = try self.extract(3);
            if (digit == try self.extract(4)) {
                try self.produce(digit);
                return digit;
            }
            try self.consume();
        }
    }
};

fn writeDigits(allocator: std.mem.Allocator, count: usize, output: *std.Io.Writer) !void {
    var spigot = try Spigot.init(allocator);
    defer spigot.deinit();
    for (0..count) |i| {
        try output.writeByte('0' + try spigot.next());
        if (i % 50 == 49 or i + 1 == count) try output.print("  {d}\n", .{i + 1});
    }
    try output.flush();
}

pub fn main(init: std.process.Init) !void {
    const arguments = try init.minimal.args.toSlice(init.arena.allocator());
    const count = if (arguments.len > 1) try std.fmt.parseInt(usize, arguments[1], 10) else 100;
    var buffer: [256]u8 = undefined;
    if (arguments.len > 2) {
        var file = try std.Io.Dir.cwd().createFile(init.io, arguments[2], .{});
        defer file.close(init.io);
        var writer = file.writer(init.io, &buffer);
        try writeDigits(init.gpa, count, &writer.interface);
    } else {
        var writer = std.Io.File.stdout().writerStreaming(init.io, &buffer);
        try writeDigits(init.gpa, count, &writer.interface);
    }
}
