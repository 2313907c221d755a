-- Work for the interpreter: integers, floats, strings, tables, closures, garbage.
local n = tonumber(arg[1])

local function queens(size)
  local ways, columns, up, down = 0, {}, {}, {}
  local function place(row)
    if row > size then ways = ways + 1 return end
    for column = 1, size do
      local d, u = row + column, row - column
      if not columns[column] and not down[d] and not up[u] then
        columns[column], down[d], up[u] = true, true, true
        place(row + 1)
        columns[column], down[d], up[u] = nil, nil, nil
      end
    end
  end
  place(1)
  return ways
end
print("queens", queens(n))

local seed = 42
local function random() seed = (seed * 1103515245 + 12345) & 0x7fffffff return seed end
local list = {}
for i = 1, 3000 do list[i] = random() % 1000 end
table.sort(list, function(a, b) return a > b end)
print("sorted", list[1], list[1500], list[3000])

local words, counts = {}, {}
for i = 1, 5000 do words[i] = string.char(97 + random() // 65536 % 26, 97 + random() // 65536 % 3) end
for word in table.concat(words, " "):gmatch("%a+") do counts[word] = (counts[word] or 0) + 1 end
local names = {}
for word in pairs(counts) do names[#names + 1] = word end
table.sort(names)
print("words", #names, names[1], counts[names[1]], names[#names], counts[names[#names]])

local x = 0.0
for i = 1, 20000 do x = x + math.sin(i) * math.sqrt(i) / (i % 7 + 1) end
print(string.format("floats %.9g %.3f %a", x, 2 ^ 0.5, 1 / 3))
print("integers", math.maxinteger + 1 == math.mininteger, 7 // -2, -7 % 3, 1 << 62, ~0, "10" + 5)
print(("%q"):format("a\n\0b\"\\"), ("x"):rep(5, "-"), ("hello"):byte(1, -1))
print(("key = value; other = thing"):gsub("(%w+) = (%w+)", "%2 = %1"))
print(utf8.char(72, 228, 8364, 128512), utf8.len("grüße"), #"grüße")
print(string.pack("<i4>d", -2, 1.5):byte(1, -1))

local kept = {}
for i = 1, 50000 do kept[i % 100] = { i, tostring(i) } end
collectgarbage()
print("kept", kept[7][2], collectgarbage("count") < 20000)
