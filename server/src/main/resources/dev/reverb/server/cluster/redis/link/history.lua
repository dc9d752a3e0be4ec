-- Reads what a channel keeps.
--
-- KEYS[1] history (stream), KEYS[2] where it ended, KEYS[3] origins of the partition: see write.lua
-- ARGV    1 age ms, 2 how many of the newest are wanted, 0 for all, then two points, the one that is asked for and the
--         one that the node is at: id ('' for none), node, number; '!'identity in place of the node where nothing was
--         published up to the id; then the node that has unwritten publications, or '', what is had beside the point
--         that is asked for: <node>=<number>;…, and of each node the frame up to which this one has its frames: node,
--         sequence, …
-- Reply   {found: 0 yes, 1 too old, 2 unknown, the same of the other point, entries,
--          last number of that node before them, how many of those frames Redis lacks, 1 when the history has all
--          that was ever written to it, when histories began (ms), now}
local call = redis.call
local age, newest = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mark = call('GET', KEYS[2])
local lastId, lastNode, lastNumber, lasts = string.match(mark or '', '^(%S+) (%S+) (%d+) %d+ %d+ ?(%S*)$')
local first = call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
-- Of channels whose end was given up, the latest that was written to: what is earlier may have lost its successors.
local forgot = tonumber(call('HGET', KEYS[3], '#forgot') or '')
local began = math.floor((tonumber(string.match(call('HGET', KEYS[3], '#hist') or '', '^%d+') or '') or 0) / 1000)
local begins = first and first[2][10] == '1' and (tonumber(first[2][16] or '') or -1)

local function split(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function before(a, b)
  local ms, seq = split(a)
  local otherMs, otherSeq = split(b)
  return ms < otherMs or (ms == otherMs and seq < otherSeq)
end

-- Whether what is gone since that point is had all the same. Who receives a message from the node that published it
-- learns a point before it, as it is not written yet. Where the point is among the messages at the end that one node
-- wrote in a row, or the last before them, all that is gone is of that node, and has lower numbers than what is left.
local function covered(id, node, number)
  local beforeId, beforeNode, beforeNumber = string.match(lasts or '', '(%d+%-%d+):([^:;]+):(%d+)$')
  local had = 0
  for who, what in string.gmatch(ARGV[10], '(%w+)=(%d+)') do
    had = who == lastNode and math.max(had, tonumber(what)) or had
  end
  if not beforeId or first and first[2][2] ~= lastNode
      or had < (first and tonumber(first[2][4]) - 1 or tonumber(lastNumber)) then
    return false
  elseif string.sub(node, 1, 1) == '!' then
    return beforeId == '0-0'
  elseif id == beforeId then
    return node == beforeNode and number == beforeNumber
  end
  return before(beforeId, id) and node == lastNode and tonumber(number) <= tonumber(lastNumber)
    and split(id) >= began
end

local function find(id, node, number)
  if string.sub(node, 1, 1) == '!' then
    if string.sub(node, 2) ~= call('HGET', KEYS[3], '#hist') then
      return 2
    elseif not mark then
      -- nothing was written to the partition since, or the end of the channel's history would be known
      local ms, last = split(id), call('HMGET', KEYS[3], '#ms', '#seq')
      local quiet = id == string.format('%s-%.0f', last[1] or '0', (tonumber(last[2] or '0') or 0) * 16384 + 16383)
      return (quiet or math.max(ms, began) > now - 86400000 and (not forgot or ms > forgot)) and 0 or 1
    end
    return begins and split(id) > begins and 0 or 1
  end
  local there = call('XRANGE', KEYS[1], id, id)[1]
  if there then
    return there[2][2] == node and there[2][4] == number and 0 or 2
  elseif id == lastId then
    return lastNode == node and lastNumber == number and 0 or 2
  end
  if not lastId and forgot and split(id) <= forgot then
    return 1
  end
  return lastId and before(id, first and first[1] or lastId) and 1 or 2
end

local found, from = 0, string.format('%.0f', now - age)
if ARGV[3] ~= '' then
  found = find(ARGV[3], ARGV[4], ARGV[5])
  if found == 1 and covered(ARGV[3], ARGV[4], ARGV[5]) then
    found = 0
  end
  if found == 0 then
    from = string.sub(ARGV[4], 1, 1) == '!' and '-' or '(' .. ARGV[3]
  end
end
local entries
if newest > 0 then
  entries = {}
  local some = call('XREVRANGE', KEYS[1], '+', from, 'COUNT', newest)
  for i = #some, 1, -1 do
    entries[#entries + 1] = some[i]
  end
else
  entries = call('XRANGE', KEYS[1], from, '+')
end

-- What a node does not know to be written may stand before the entries.
local own, back = '0', ''
if ARGV[9] ~= '' and found == 0 then
  back = ARGV[3] == '' and (entries[1] and entries[1][1] or '') or string.sub(ARGV[4], 1, 1) ~= '!' and ARGV[3] or ''
end
while back ~= '' and own == '0' do
  local some = call('XREVRANGE', KEYS[1], back, '-', 'COUNT', 100)
  back = #some == 100 and '(' .. some[100][1] or ''
  for i = 1, #some do
    if some[i][2][2] == ARGV[9] then
      own = some[i][2][4]
      break
    end
  end
end

-- What a Redis lost that failed over or came back empty is not written again yet where a record is behind.
local lacking = 0
for i = 11, #ARGV, 2 do
  local applied = string.match(call('HGET', KEYS[3], ARGV[i]) or '', '^%d+')
  lacking = lacking + math.max(0, tonumber(ARGV[i + 1]) - (tonumber(applied or '0') or 0))
end
local whole = (begins == -1 or not first and not mark and not forgot) and 1 or 0
return {found, ARGV[6] == '' and 2 or find(ARGV[6], ARGV[7], ARGV[8]), entries, own, lacking, whole, began, now}
