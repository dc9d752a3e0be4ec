-- Sets how many connections of one application an owner has, against a limit over all owners.
--
-- KEYS[1] connections  hash: owner -> <connections>:<version>, '#' -> total
-- ARGV    1 owner, 2 version (a lower one than the last is stale and changes nothing), 3 connections it has for certain,
--         4 connections it asks for beside them, 5 limit over all (0 none), 6 '1' to remove the owner
-- Reply   {admitted of those asked for, total}
local owner, version, have, ask, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local call = redis.call
local total = tonumber(call('HGET', KEYS[1], '#') or '0')
local mine, stamp = 0, -1
local old = call('HGET', KEYS[1], owner)
if old then
  local a, b = string.match(old, '(%d+):(%d+)')
  mine, stamp = tonumber(a), tonumber(b)
end
if ARGV[6] == '1' then
  if old then
    call('HDEL', KEYS[1], owner)
    total = call('HINCRBY', KEYS[1], '#', -mine)
  end
  return {0, total}
end
if version < stamp then
  return {0, total}
end
local others = total - mine
local admitted = ask
if limit > 0 then
  admitted = math.max(0, math.min(ask, limit - others - have))
end
total = call('HINCRBY', KEYS[1], '#', have + admitted - mine)
if have + admitted == 0 then
  call('HDEL', KEYS[1], owner)
else
  call('HSET', KEYS[1], owner, (have + admitted) .. ':' .. ARGV[2])
end
return {admitted, total}
