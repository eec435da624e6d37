-- One tick of one replica: heartbeat, renewal, loss report, fair target, and free shards taken up to it.
--
-- KEYS[1]  the table: one hash, so that eviction or loss takes all of it or nothing. Its fields:
--            epoch         ms when the table began on this server process
--            run           the server process's run_id
--            shards        number of shards
--            fence         greatest fencing token given out
--            m:<member>    "<expiry ms> <sequence>"
--            s:<shard>     "<expiry ms> <fence> <member>"
-- ARGV[1]  member (no spaces)
-- ARGV[2]  sequence: grows with each call of a member; a call that comes late is ignored
-- ARGV[3]  lease in ms
-- ARGV[4]  number of shards
-- ARGV[5]  mode: "active" takes part; "passive" and "leave" give up all and are no member
-- ARGV[6]  1 if no replica can hold anything by its own clock yet: the fleet's first start
-- ARGV[7]  and on: pairs of shard and fence that the member holds and keeps; what it no longer names it gives up
-- Output   { status, target, members, wait ms until free shards may be taken, shard, fence, shard, fence, ... of what it holds }
--          status: "ok", "stale" (late call), "mismatch" (other members live with another number of shards)
--
-- All times are the server's. When the table was lost, or the server is another process (a restart from an old snapshot, a
-- failover that lost the last writes), nothing is taken for one lease, since replicas may still hold shards by their own
-- clocks; what they claim with their fences in that time is theirs again.

local key, member, sequence = KEYS[1], ARGV[1], tonumber(ARGV[2])
local lease, shards, mode = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function integer(x) return string.format('%.0f', x) end

local claims = {}
for i = 7, #ARGV, 2 do claims[tonumber(ARGV[i])] = tonumber(ARGV[i + 1]) end

local members, owners, fields = {}, {}, {}
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do
  local field, value = flat[i], flat[i + 1]
  local kind, rest = field:sub(1, 2), field:sub(3)
  if kind == 'm:' then
    local expiry, seen = value:match('^(%d+) (%d+)$')
    if rest == member and tonumber(seen) >= sequence then return { 'stale', 0, 0, 0 } end
    if tonumber(expiry) > now then members[rest] = true else redis.call('HDEL', key, field) end
  elseif kind == 's:' then
    local expiry, fence, owner = value:match('^(%d+) (%d+) (.+)$')
    if tonumber(expiry) > now then
      owners[tonumber(rest)] = { fence = tonumber(fence), member = owner }
    else
      redis.call('HDEL', key, field)
    end
  else
    fields[field] = field == 'run' and value or tonumber(value)
  end
end

members[member] = nil
if fields.shards ~= shards then
  if fields.shards and (next(members) or next(owners)) then return { 'mismatch', 0, 0, 0 } end
  redis.call('HSET', key, 'shards', shards)
end
local epoch, last_fence = fields.epoch, fields.fence or 0
local run = redis.call('INFO', 'server'):match('run_id:(%w+)') or ''
local first_start = ARGV[6] == '1'
if first_start or not epoch or fields.run ~= run then
  epoch = first_start and now - lease or now
  redis.call('HSET', key, 'epoch', integer(epoch), 'run', run)
end
redis.call('PEXPIRE', key, 24 * 3600 * 1000)

local function take(shard, fence)
  owners[shard] = { fence = fence, member = member }
  redis.call('HSET', key, 's:' .. shard, integer(now + lease) .. ' ' .. integer(fence) .. ' ' .. member)
end

-- Renewal. What the table has for this member beyond its claims was given up, or taken by a call whose answer never came.
for shard = 0, shards - 1 do
  local owner = owners[shard]
  local claim = mode == 'active' and claims[shard] or nil
  if owner and owner.member == member then
    if claim == owner.fence then
      take(shard, claim)
    else
      owners[shard] = nil
      redis.call('HDEL', key, 's:' .. shard)
    end
  elseif not owner and claim and now < epoch + lease then
    last_fence = math.max(last_fence, claim)
    take(shard, claim)
  end
end

if mode ~= 'active' then
  redis.call('HDEL', key, 'm:' .. member)
  return { 'ok', 0, 0, math.max(0, epoch + lease - now) }
end

-- The fair target: shards / members, the rest to the first in the order of names.
redis.call('HSET', key, 'm:' .. member, integer(now + lease) .. ' ' .. integer(sequence))
local count, rank = 1, 0
for other in pairs(members) do
  count = count + 1
  if other < member then rank = rank + 1 end
end
local target = math.floor(shards / count)
if rank < shards % count then target = target + 1 end

local held = 0
for _, owner in pairs(owners) do
  if owner.member == member then held = held + 1 end
end
local wait = math.max(0, epoch + lease - now)
if wait == 0 then
  for shard = 0, shards - 1 do
    if held >= target then break end
    if not owners[shard] then
      last_fence = math.max(last_fence + 1, now)
      take(shard, last_fence)
      held = held + 1
    end
  end
end
redis.call('HSET', key, 'fence', integer(last_fence))

local reply = { 'ok', target, count, wait }
for shard, owner in pairs(owners) do
  if owner.member == member then
    reply[#reply + 1] = shard
    reply[#reply + 1] = integer(owner.fence)
  end
end
return reply
