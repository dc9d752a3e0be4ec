-- Sets how many connections of one application an owner has, against a limit over all owners.
--
-- KEYS[1] connections  hash: owner -> <connections>:<version>, '!'owner -> when it was reaped, ms, '#' -> total
-- ARGV    1 owner, 2 version (a lower one than the last is stale and changes nothing),
--         3 connections it has for certain, 4 connections it asks for beside them, 5 limit over all (0 none),
--         6 '1' to remove the owner
-- Reply   {admitted of those asked for, total}, or {-1, total} when the owner was reaped: nothing was written
--
-- The total is the sum of what the owners have, computed each time, so that no error in it outlives its cause.
local owner, version, have = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local ask, limit = tonumber(ARGV[4]), tonumber(ARGV[5])
local call = redis.call
local all = call('HGETALL', KEYS[1])
local others, mine, stamp, reaped = 0, 0, -1, false
for i = 1, #all, 2 do
  local name, n, at = all[i], string.match(all[i + 1], '^(%d+):(%d+)$')
  if name == owner then
    mine, stamp = tonumber(n or '0'), tonumber(at or '-1')
  elseif name == '!' .. owner then
    reaped = true
  elseif n then
    others = others + tonumber(n)
  end
end

if ARGV[6] == '1' then
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 1) == '!' and (tonumber(all[i + 1]) or 0) < now - 3600000 then
      call('HDEL', KEYS[1], all[i])
    end
  end
  call('HDEL', KEYS[1], owner)
  call('HSET', KEYS[1], '!' .. owner, string.format('%.0f', now), '#', others)
  return {0, others}
end
-- A reaped owner may add nothing: nobody would remove it again.
if reaped then
  return {-1, others + mine}
end
if version < stamp then
  return {0, others + mine}
end
local admitted = ask
if limit > 0 then
  admitted = math.max(0, math.min(ask, limit - others - have))
end
local total = others + have + admitted
-- Zero stays, with its version: a message that was long on its way would count again.
call('HSET', KEYS[1], owner, (have + admitted) .. ':' .. ARGV[2], '#', total)
return {admitted, total}
