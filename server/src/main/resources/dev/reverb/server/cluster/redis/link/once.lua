-- A key by which a request is carried out once.
--
-- KEYS[1] string: 'p' node digest while the request is carried out, 'a' digest and the answer afterwards
-- ARGV    1 'claim', 'answered' or 'refused', 2 node, 3 digest, 4 ms to keep it, 5 the answer
-- Reply   claim: {1} the key is the caller's, {0, value} it is not; otherwise {1} done, {0} the key is not the caller's
local call = redis.call
local what, node, digest = ARGV[1], ARGV[2], ARGV[3]
local value = call('GET', KEYS[1])
local mine = 'p ' .. node .. ' '
if what == 'claim' then
  if value then
    return {0, value}
  end
  call('SET', KEYS[1], mine .. digest, 'PX', ARGV[4])
  return {1}
end
if value and string.sub(value, 1, #mine) ~= mine then
  return {0}
end
if what == 'answered' then
  call('SET', KEYS[1], 'a ' .. digest .. ' ' .. ARGV[5], 'PX', ARGV[4])
else
  call('DEL', KEYS[1])
end
return {1}
