-- Files through Lua's own library.
print(#arg, arg[1], arg[2])
local file = assert(io.open("numbers.txt", "w"))
for i = 1, 2000 do file:write(i, " ", i * i, "\n") end
file:close()

local sum = 0
for a, b in io.lines("numbers.txt", "n", "n") do sum = sum + b end
print(sum)

file = assert(io.open("numbers.txt", "r+"))
print(file:seek("end"))
print(file:seek("set", 10))
print(file:read("l"))
print(file:read(5))
file:seek("set", 0)
file:write("X")
file:close()

file = assert(io.open("numbers.txt", "a"))
file:write("the end")
file:close()
file = assert(io.open("numbers.txt", "rb"))
local text = file:read("a")
file:close()
print(#text, text:sub(1, 3), text:sub(-7))

print(os.rename("numbers.txt", "squares.txt"))
print((select(2, io.open("numbers.txt"))))
print(os.remove("errors.lua"))
print((select(2, os.remove("errors.lua"))))
print(os.getenv("HOME"))
print(os.date("!%Y-%m-%d %H:%M:%S", 1e9))
print(os.time({ year = 2001, month = 9, day = 9, hour = 12 }))
print(pcall(require, "no.such.module") == false)
