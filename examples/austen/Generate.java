import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rnnspec.Decoding;
import rnnspec.Digest;
import rnnspec.Load;
import rnnspec.Model;
import rnnspec.Plan;

/**
 * Lets a net over characters write: {@code java -cp java/target/classes
 * examples/austen/Generate.java MODEL COUNT SEED PRIME}. Prints the model's fingerprint, an empty
 * line, and the text.
 */
public final class Generate {
    public static void main(String[] arguments) throws IOException {
        Model model = Load.load(Path.of(arguments[0]));
        Plan plan = Plan.compile(model);
        int count = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        List<Integer> ids = new ArrayList<>();
        Decoding.generate(plan, arguments[3], Decoding.Options.NONE.withCount(count).withSeed(seed))
                .forEachRemaining((int id) -> ids.add(id));
        int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
        String text = Decoding.vocabulary(plan).decode(all);
        System.out.println(Digest.fingerprint(model) + "\n\n" + text);
    }
}
